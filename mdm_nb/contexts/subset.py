import math, torch
class Subset:
    def __init__(self, logits, k): self.logits, self.k = logits, k
    def table(self):
        E=[torch.zeros(*self.logits.shape[:-1],self.k+1,dtype=torch.float64)]
        E[0][...,1:]=-math.inf
        for j in range(self.logits.shape[-1]):
            e=E[-1]; up=torch.cat([torch.full_like(e[...,:1],-math.inf),e[...,:-1]],-1)+self.logits[...,j:j+1]
            E.append(torch.where(torch.isinf(up)&torch.isinf(e),e,torch.logaddexp(e,torch.nan_to_num(up,neginf=-1e300))))
        return E
    def sample(self, g=None):
        from mdm_nb.gaussians.core import rand
        E=[e.detach() for e in self.table()]; B,m=self.logits.shape; r=torch.full((B,1),self.k); c=torch.zeros(B,m,dtype=torch.float64)
        u=rand((B,m),g)
        for j in range(m,0,-1):
            den=E[j].gather(1,r); num=E[j-1].gather(1,(r-1).clamp(0))+self.logits[:,j-1:j].detach()
            p=torch.where(r>0,(num-den).exp(),0.); on=u[:,j-1:j]<p; c[:,j-1:j]=on.double(); r=r-on.long()
        return c
    def marginals(self):
        w=self.logits
        with torch.enable_grad():
            w=w if w.requires_grad else w.detach().requires_grad_()
            return torch.autograd.grad(Subset(w,self.k).table()[-1][...,-1].sum(),w,create_graph=True)[0]
    def kl_uniform(self):
        m=self.logits.shape[-1]; Z=self.table()[-1][...,-1]
        H=Z-(self.marginals()*self.logits).sum(-1)
        return math.lgamma(m+1)-math.lgamma(self.k+1)-math.lgamma(m-self.k+1)-H
    def rsample(self,g=None):
        c=self.sample(g); p=self.marginals(); return c+p-p.detach()
def sum_of_gamma(*a,**k): raise NotImplementedError
relaxed=released_kl=log_subsets=sum_of_gamma
